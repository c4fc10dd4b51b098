/** One line; see build/text-modules.ts. */
declare module '*.sh' {
  const text: string;
  export default text;
}
