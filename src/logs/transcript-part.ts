/** One piece of the log of a session, in the order of the log. */
export type TranscriptPart =
  /** `terminal`: the output of a shell or of a command with `-t`. */
  | {
      readonly kind: 'output';
      readonly stream: 'terminal' | 'stdout' | 'stderr';
      readonly text: string;
    }
  /** A command in a shared session; the command of `exec` itself is only in CloudTrail. */
  | { readonly kind: 'command'; readonly command: string }
  | { readonly kind: 'status'; readonly status: number };
