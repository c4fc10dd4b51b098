/** One piece of the log of a session, in the order of the log. */
export type TranscriptPart =
  /** `terminal`: what a shell or a command with `-t` showed. */
  | {
      readonly kind: 'output';
      readonly stream: 'terminal' | 'stdout' | 'stderr';
      readonly text: string;
    }
  /** A command in a shared session; only CloudTrail has the command of `exec` itself. */
  | { readonly kind: 'command'; readonly command: string }
  | { readonly kind: 'status'; readonly status: number };
