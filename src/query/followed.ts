import type { RunningQueries } from './running.ts';
import type { AskOptions, QueryService } from './service.ts';

type Ask<Query, Answer> = (project: string, query: Query, options?: AskOptions) => Promise<Answer>;

/** A service whose every question is followed, so that it can be seen and ended. */
export const followQueries = (service: QueryService, running: RunningQueries): QueryService => {
  const following =
    <Query, Answer>(kind: string, ask: Ask<Query, Answer>): Ask<Query, Answer> =>
    (project, query, options = {}) =>
      running.follow({ kind, project }, options, (inner) => ask(project, query, inner));
  return {
    query: (project, request, options = {}) =>
      running.follow({ kind: request.kind, project }, options, (inner) =>
        service.query(project, request, inner),
      ),
    check: (project, request) => service.check(project, request),
    events: following('events', (...asked) => service.events(...asked)),
    sessions: following('sessions', (...asked) => service.sessions(...asked)),
    session: (project, id, query, options = {}) =>
      running.follow({ kind: 'session', project }, options, (inner) =>
        service.session(project, id, query, inner),
      ),
    users: following('users', (...asked) => service.users(...asked)),
    user: following('user', (...asked) => service.user(...asked)),
    userProfile: following('user', (...asked) => service.userProfile(...asked)),
    cohortSize: following('cohort_size', (...asked) => service.cohortSize(...asked)),
    catalogTypes: following('catalog', (...asked) => service.catalogTypes(...asked)),
    catalogProperties: following('catalog', (...asked) => service.catalogProperties(...asked)),
    catalogValues: following('catalog', (...asked) => service.catalogValues(...asked)),
    trace: following('trace', (...asked) => service.trace(...asked)),
    ledger: following('ledger', (...asked) => service.ledger(...asked)),
    position: following('position', (...asked) => service.position(...asked)),
    quarantine: following('quarantine', (...asked) => service.quarantine(...asked)),
  };
};
