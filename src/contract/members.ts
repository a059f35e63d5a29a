import { z } from '@hono/zod-openapi';

import { EMAIL, EMAIL_LENGTH_MAX } from '../access/emails.ts';
import { ORGANISATION_NAME_LENGTH_MAX } from '../access/organisations.ts';
import { PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN } from '../access/passwords.ts';
import { PERMISSION_NAMES, ROLES } from '../access/permissions.ts';
import { PROJECT_NAME_LENGTH_MAX } from '../access/projects.ts';
import { USER_NAME_LENGTH_MAX } from '../access/users.ts';
import { instantSchema, NOT_PLAIN, PLAIN_TEXT } from './common.ts';

const TOKEN_LENGTH_MAX = 256;
/** A password that is given to be compared may be longer than one that may be chosen, but not endless. */
const SENT_PASSWORD_LENGTH_MAX = 1_000;

/** An e-mail address. */
export const emailSchema = z
  .string()
  .trim()
  .max(EMAIL_LENGTH_MAX)
  .regex(EMAIL, 'This is not an e-mail address.')
  .openapi({ description: 'Names a person; nothing is ever sent to it.', example: 'ada@example.com' });

/** A password that is chosen. */
export const newPasswordSchema = z
  .string()
  .max(SENT_PASSWORD_LENGTH_MAX)
  .openapi({
    description: `${PASSWORD_LENGTH_MIN} to ${PASSWORD_LENGTH_MAX} characters; not the e-mail address, and none of those that are tried first.`,
    example: 'a long-winded phrase',
  });

/** A password to be compared. */
export const passwordSchema = z
  .string()
  .min(1)
  .max(SENT_PASSWORD_LENGTH_MAX)
  .openapi({ example: 'a long-winded phrase' });

const tokenSchema = z
  .string()
  .min(1)
  .max(TOKEN_LENGTH_MAX)
  .openapi({ description: 'What stands behind `#token=` in the link.', example: 'zH9...' });

const userNameSchema = z
  .string()
  .trim()
  .min(1)
  .max(USER_NAME_LENGTH_MAX)
  .regex(PLAIN_TEXT, NOT_PLAIN)
  .openapi({ description: 'The name to be shown.', example: 'Ada Lovelace' });

const roleSchema = z.enum(ROLES).openapi({
  description:
    '`viewer` asks questions that name nobody; `analyst` also sees single people, runs SQL and saves; `admin` also administers the project; `owner` also the organisation, and is of whole organisations only.',
  example: 'analyst',
});

const projectNameSchema = z.string().max(PROJECT_NAME_LENGTH_MAX).openapi({ example: 'shop' });

/** A user as others see it. */
export const userSchema = z
  .object({
    id: z.string().openapi({ example: 'user_3f9a1c04b7de0012' }),
    email: z.string().openapi({ example: 'ada@example.com' }),
    name: z.string().openapi({ example: 'Ada Lovelace' }),
  })
  .openapi('User');

/** Answer to `GET /api/me`. */
export const meAnswerSchema = z
  .object({
    kind: z.enum(['user', 'key', 'link']).openapi({
      description:
        'Who asks: a user who is signed in, a key (or a session that it opened), or a session opened by a printed link.',
    }),
    user: userSchema.nullable(),
    operator: z
      .boolean()
      .openapi({ description: 'Administers all organisations and projects.', example: false }),
    organisations: z.array(
      z.object({
        id: z.string().openapi({ example: 'default' }),
        name: z.string().openapi({ example: 'Default' }),
        role: roleSchema
          .nullable()
          .openapi({ description: 'In the whole organisation; null: in single projects only.' }),
      }),
    ),
    projects: z
      .array(
        z.object({
          name: projectNameSchema,
          organisation: z.string().openapi({ example: 'default' }),
          role: roleSchema.nullable().openapi({ description: 'Null for keys.' }),
          permissions: z.array(z.enum(PERMISSION_NAMES)).openapi({ example: ['data:read'] }),
        }),
      )
      .openapi({ description: 'The projects that `?project=` may name, oldest first.' }),
  })
  .openapi('Me');
export type MeAnswer = z.infer<typeof meAnswerSchema>;

/** Body of `POST /api/me/password`. */
export const changePasswordSchema = z
  .strictObject({ current_password: passwordSchema, new_password: newPasswordSchema })
  .openapi('ChangePassword');

/** Answer where a password was set. */
export const passwordAnswerSchema = z.object({ changed: z.literal(true) }).openapi('PasswordChanged');
export type PasswordAnswer = z.infer<typeof passwordAnswerSchema>;

const userSessionSchema = z
  .object({
    id: z.string().openapi({ example: 'session_3f9a1c04b7de' }),
    created_at: instantSchema,
    last_used_at: instantSchema.openapi({ description: 'Exact to ten minutes.' }),
    current: z.boolean().openapi({ description: 'It is the one that asks.' }),
  })
  .openapi('UserSession');

/** Answer to `GET /api/me/sessions`. */
export const userSessionsAnswerSchema = z
  .object({ sessions: z.array(userSessionSchema) })
  .openapi('UserSessions');
export type UserSessionsAnswer = z.infer<typeof userSessionsAnswerSchema>;

/** Path of `DELETE /api/me/sessions/{id}`. */
export const userSessionPathSchema = z.object({
  id: z
    .string()
    .max(100)
    .openapi({ param: { name: 'id', in: 'path' }, example: 'session_3f9a1c04b7de' }),
});

/** Answer where something was ended or removed. */
export const removedSchema = z
  .object({ id: z.string().openapi({ example: 'member_3f9a1c04b7de0012' }), removed: z.literal(true) })
  .openapi('Removed');
export type RemovedAnswer = z.infer<typeof removedSchema>;

const organisationSchema = z
  .object({
    id: z.string().openapi({ example: 'default' }),
    name: z.string().openapi({ example: 'Default' }),
    created_at: instantSchema,
    role: roleSchema.nullable().openapi({
      description: 'Of whoever asks, in the whole organisation; null: in single projects only.',
    }),
  })
  .openapi('Organisation');
export type OrganisationAnswer = z.infer<typeof organisationSchema>;

/** Answer to `GET /api/organisations`. */
export const organisationsAnswerSchema = z
  .object({ organisations: z.array(organisationSchema) })
  .openapi('Organisations');
export type OrganisationsAnswer = z.infer<typeof organisationsAnswerSchema>;

/** Body of `POST /api/organisations`, and of `PATCH /api/organisations/{organisation}`. */
export const organisationNameSchema = z
  .strictObject({
    name: z
      .string()
      .trim()
      .min(1)
      .max(ORGANISATION_NAME_LENGTH_MAX)
      .regex(PLAIN_TEXT, NOT_PLAIN)
      .openapi({ example: 'Example Ltd' }),
  })
  .openapi('OrganisationName');

/** Answer to both. */
export const organisationAnswerSchema = z
  .object({ organisation: organisationSchema })
  .openapi('OrganisationAnswer');

const organisationParameter = z
  .string()
  .max(100)
  .openapi({ param: { name: 'organisation', in: 'path' }, description: 'Its id.', example: 'default' });

/** Path of what belongs to an organisation. */
export const organisationPathSchema = z.object({ organisation: organisationParameter });

/** Path of a member. */
export const memberPathSchema = z.object({
  organisation: organisationParameter,
  id: z
    .string()
    .max(100)
    .openapi({ param: { name: 'id', in: 'path' }, example: 'member_3f9a1c04b7de0012' }),
});

/** Path of an invitation. */
export const invitationPathSchema = z.object({
  organisation: organisationParameter,
  id: z
    .string()
    .max(100)
    .openapi({ param: { name: 'id', in: 'path' }, example: 'invitation_3f9a1c04b7de0012' }),
});

const wholeOrOne = (what: string) =>
  projectNameSchema.nullable().openapi({ description: `${what} Null: all projects of the organisation.` });

const memberSchema = z
  .object({
    id: z.string().openapi({
      description:
        'Of the membership: somebody may have one in the organisation and others in single projects.',
      example: 'member_3f9a1c04b7de0012',
    }),
    user: userSchema,
    role: roleSchema,
    project: wholeOrOne('The project.'),
    since: instantSchema,
    signed_in_at: instantSchema.nullable().openapi({ description: 'Last time.' }),
    disabled: z.boolean().openapi({ description: 'The operator lets nobody sign in as this user.' }),
  })
  .openapi('Member');
export type MemberAnswer = z.infer<typeof memberSchema>;

/** Answer to `GET /api/organisations/{organisation}/members`. */
export const membersAnswerSchema = z.object({ members: z.array(memberSchema) }).openapi('Members');
export type MembersAnswer = z.infer<typeof membersAnswerSchema>;

/** Body of `PATCH /api/organisations/{organisation}/members/{id}`. */
export const changeRoleSchema = z.strictObject({ role: roleSchema }).openapi('ChangeRole');

/** Answer to it. */
export const memberAnswerSchema = z.object({ member: memberSchema }).openapi('MemberAnswer');

const invitationSchema = z
  .object({
    id: z.string().openapi({ example: 'invitation_3f9a1c04b7de0012' }),
    email: z.string().openapi({ example: 'ada@example.com' }),
    role: roleSchema,
    project: wholeOrOne('The project.'),
    invited_by: z.string().openapi({ example: 'grace@example.com' }),
    created_at: instantSchema,
    expires_at: instantSchema,
  })
  .openapi('Invitation');
export type InvitationAnswer = z.infer<typeof invitationSchema>;

/** Answer to `GET /api/organisations/{organisation}/invitations`. */
export const invitationsAnswerSchema = z
  .object({ invitations: z.array(invitationSchema) })
  .openapi('Invitations');
export type InvitationsAnswer = z.infer<typeof invitationsAnswerSchema>;

/** Body of `POST /api/organisations/{organisation}/invitations`. */
export const newInvitationSchema = z
  .strictObject({
    email: emailSchema,
    role: roleSchema,
    project: projectNameSchema.optional().openapi({
      description: 'Only this project. All projects of the organisation if left out.',
    }),
  })
  .openapi('NewInvitation');

/** Answer to it. */
export const createdInvitationSchema = z
  .object({
    invitation: invitationSchema,
    url: z.string().openapi({
      description: 'The link, to be passed on: it is shown this once. It works once, for seven days.',
      example: 'http://127.0.0.1:8080/invitation#token=zH9...',
    }),
  })
  .openapi('CreatedInvitation');
export type CreatedInvitationAnswer = z.infer<typeof createdInvitationSchema>;

/** Body of `POST /api/invitation`, and of `POST /api/password/link`. */
export const linkTokenSchema = z.strictObject({ token: tokenSchema }).openapi('LinkToken');

/** Answer to `POST /api/invitation`. */
export const seenInvitationSchema = z
  .object({
    email: z.string().openapi({ example: 'ada@example.com' }),
    organisation: z.string().openapi({ description: 'Its name.', example: 'Default' }),
    project: wholeOrOne('The project.'),
    role: roleSchema,
    invited_by: z.string().openapi({ example: 'grace@example.com' }),
    expires_at: instantSchema,
    has_account: z
      .boolean()
      .openapi({ description: 'There is an account for this e-mail: sign in with it to accept.' }),
    signed_in_as: z
      .string()
      .nullable()
      .openapi({ description: 'E-mail of who is signed in here.', example: null }),
  })
  .openapi('SeenInvitation');
export type SeenInvitationAnswer = z.infer<typeof seenInvitationSchema>;

/** Body of `POST /api/invitation/accept`. */
export const acceptInvitationSchema = z
  .strictObject({
    token: tokenSchema,
    name: userNameSchema.optional(),
    password: newPasswordSchema.optional(),
  })
  .openapi('AcceptInvitation', {
    description:
      '`name` and `password` to be for somebody who has no account yet; the `password` of the account for who has one and is not signed in; neither for who is.',
  });

/** Answer to `POST /api/password/link`. */
export const resetLinkAnswerSchema = z
  .object({ email: z.string().openapi({ example: 'ada@example.com' }) })
  .openapi('ResetLink');
export type ResetLinkAnswer = z.infer<typeof resetLinkAnswerSchema>;

/** Body of `POST /api/password`. */
export const resetPasswordSchema = z
  .strictObject({ token: tokenSchema, password: newPasswordSchema })
  .openapi('ResetPassword');
