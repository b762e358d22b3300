/** Only a checkout runs TypeScript sources; an installed package runs JavaScript. */
const inCheckout = import.meta.url.endsWith(".ts")

/** Returns the command line of a command: the npm script in a checkout, or `npx` for an installed package. */
export const commandLine = (command: string, ...args: ReadonlyArray<string>): string =>
  inCheckout
    ? ["npm run", command, ...(args.length > 0 ? ["--", ...args] : [])].join(" ")
    : ["npx effect-commerce", command, ...args].join(" ")
