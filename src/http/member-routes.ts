import { type Invitation, type Invitations, invitationUrl } from '../access/invitations.ts';
import type { Member, Members } from '../access/members.ts';
import type { Organisation, Organisations } from '../access/organisations.ts';
import type { Role } from '../access/permissions.ts';
import { projectNameOf } from '../access/principal.ts';
import {
  changeRoleSchema,
  type CreatedInvitationAnswer,
  type InvitationAnswer,
  type InvitationsAnswer,
  type MemberAnswer,
  type MembersAnswer,
  newInvitationSchema,
  organisationNameSchema,
  type OrganisationAnswer,
  type OrganisationsAnswer,
  type RemovedAnswer,
} from '../contract/members.ts';
import { ROUTES } from '../contract/routes.ts';
import { orAccessError } from './access-answer.ts';
import { type App, parsedBody } from './app.ts';
import { requirePermission } from './auth.ts';
import { callerOf, standingOf } from './caller.ts';
import { pathOf } from './route-path.ts';

/** What the routes need. */
export interface MemberRoutesOptions {
  readonly organisations: Organisations;
  readonly members: Members;
  readonly invitations: Invitations;
  /** The address that browsers see. */
  readonly address: () => string;
}

/** Registers the routes about organisations, their members and invitations to them. */
export const registerMemberRoutes = (app: App, options: MemberRoutesOptions): void => {
  registerOrganisations(app, options);
  registerMembers(app, options);
  registerInvitations(app, options);
};

const registerOrganisations = (app: App, { members, organisations }: MemberRoutesOptions): void => {
  app.get(ROUTES.listOrganisations.path, async (c) => {
    const own = await members.organisationsOf(await callerOf(c));
    const answer = own.map((each) => organisationAnswer(each, each.role));
    return c.json({ organisations: answer } satisfies OrganisationsAnswer);
  });
  app.post(ROUTES.createOrganisation.path, requirePermission('platform:admin'), async (c) => {
    const { name } = await parsedBody(c, organisationNameSchema);
    const made = await orAccessError(() => organisations.create(name, c.var.principal.actor));
    return c.json({ organisation: organisationAnswer(made, 'owner') }, 201);
  });
  app.patch(pathOf('renameOrganisation'), async (c) => {
    const { organisation, actor } = await standingOf(c, members, 'organisation:admin');
    const { name } = await parsedBody(c, organisationNameSchema);
    await organisations.rename(organisation, name, actor);
    return c.json({ organisation: organisationAnswer({ ...organisation, name }, 'owner') });
  });
};

const registerMembers = (app: App, { members }: MemberRoutesOptions): void => {
  app.get(pathOf('listMembers'), async (c) => {
    const standing = await standingOf(c, members, 'project:admin');
    return c.json({ members: (await members.list(standing)).map(memberAnswer) } satisfies MembersAnswer);
  });
  app.patch(pathOf('changeRole'), async (c) => {
    const standing = await standingOf(c, members, 'project:admin');
    const { role } = await parsedBody(c, changeRoleSchema);
    const member = await orAccessError(() => members.change(standing, c.req.param('id') ?? '', role));
    return c.json({ member: memberAnswer(member) });
  });
  app.delete(pathOf('removeMember'), async (c) => {
    const standing = await standingOf(c, members, 'project:admin');
    const { id } = await orAccessError(() => members.remove(standing, c.req.param('id') ?? ''));
    return c.json({ id, removed: true } satisfies RemovedAnswer);
  });
};

const registerInvitations = (app: App, { members, invitations, address }: MemberRoutesOptions): void => {
  app.get(pathOf('listInvitations'), async (c) => {
    const standing = await standingOf(c, members, 'project:admin');
    const listed = await invitations.list(standing);
    return c.json({ invitations: listed.map(invitationAnswer) } satisfies InvitationsAnswer);
  });
  app.post(pathOf('createInvitation'), async (c) => {
    const standing = await standingOf(c, members, 'project:admin');
    const { email, role, project: name } = await parsedBody(c, newInvitationSchema);
    const { token, invitation } = await orAccessError(async () => {
      const project = name === undefined ? null : await members.project(standing, name);
      return invitations.create(standing, { email, role, project });
    });
    const url = invitationUrl(address(), token);
    return c.json({ invitation: invitationAnswer(invitation), url } satisfies CreatedInvitationAnswer, 201);
  });
  app.delete(pathOf('revokeInvitation'), async (c) => {
    const standing = await standingOf(c, members, 'project:admin');
    const id = c.req.param('id') ?? '';
    await orAccessError(() => invitations.revoke(standing, id));
    return c.json({ id, removed: true } satisfies RemovedAnswer);
  });
};

const instantOf = (ms: number): string => new Date(ms).toISOString();

const nameOf = (project: string | null): string | null => (project === null ? null : projectNameOf(project));

const organisationAnswer = (
  { id, name, createdAtMs }: Organisation,
  role: Role | null,
): OrganisationAnswer => ({ id, name, created_at: instantOf(createdAtMs), role });

const memberAnswer = (member: Member): MemberAnswer => ({
  id: member.id,
  user: { id: member.userId, email: member.email, name: member.name },
  role: member.role,
  project: nameOf(member.project),
  since: instantOf(member.sinceMs),
  signed_in_at: member.signedInAtMs === null ? null : instantOf(member.signedInAtMs),
  disabled: member.isDisabled,
});

const invitationAnswer = (invitation: Invitation): InvitationAnswer => ({
  id: invitation.id,
  email: invitation.email,
  role: invitation.role,
  project: nameOf(invitation.project),
  invited_by: invitation.invitedBy,
  created_at: instantOf(invitation.createdAtMs),
  expires_at: instantOf(invitation.expiresAtMs),
});
