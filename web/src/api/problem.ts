/** A refusal as the API answers it (`application/problem+json`). */
export interface ProblemBody {
  title: string;
  status: number;
  code: string;
  detail?: string;
  requestId?: string;
  errors?: { path: string; message: string }[];
  /** What a refused sign-in may go on with. */
  challenge?: string;
  methods?: string[];
  /** What is demanded before the request may be repeated. */
  demand?: string;
}

/** A refusal of the API, or `network` when it could not be reached (status 0). */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string | undefined;
  readonly requestId: string | undefined;
  readonly challenge: string | undefined;
  readonly methods: readonly string[];
  readonly demand: string | undefined;
  readonly errors: readonly { path: string; message: string }[];

  constructor(body: ProblemBody) {
    super(body.detail ?? body.title);
    this.name = 'Problem';
    this.status = body.status;
    this.code = body.code;
    this.title = body.title;
    this.detail = body.detail;
    this.requestId = body.requestId;
    this.challenge = body.challenge;
    this.methods = body.methods ?? [];
    this.demand = body.demand;
    this.errors = body.errors ?? [];
  }
}

/** What to do next after a refusal, in one sentence. */
export function adviceFor(problem: Problem): string {
  switch (problem.code) {
    case 'network':
      return 'Check the connection; the page tries again by itself.';
    case 'version.conflict':
      return 'Someone else saved first. Reload to see their version, then repeat your change.';
    case 'fund.exceeded':
      return 'Lower the spend, split it over another fund, or ask finance for more budget.';
    case 'promotion.conflict':
      return 'Move the dates, change the products, or talk to the owner of the other promotion.';
    case 'approval.own_work':
      return 'Ask a colleague with approval rights to decide.';
    case 'approval.limit_exceeded':
      return 'Delegate to someone with a higher limit.';
    case 'auth.proof_required':
      return 'Prove who you are, then try again.';
    case 'auth.invalid_credentials':
      return 'Check what you typed and try again.';
    case 'auth.forbidden':
      return 'Ask an administrator for the permission.';
    case 'not_found':
      return 'It may have been removed, or the link is wrong.';
    case 'rate.limited':
      return 'Wait a moment and try again.';
    default:
      return problem.status >= 500
        ? `Try again; if it persists, quote request ${problem.requestId ?? 'unknown'}.`
        : 'Correct the input and try again.';
  }
}

/** The error as a Problem, whatever was thrown. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem({ title: 'Something went wrong in the page', status: 0, code: 'client', detail: String(error) });
}
