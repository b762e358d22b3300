/** TypeScript runs as it is in a checkout, and in no installed package. */
const inCheckout = import.meta.url.endsWith(".ts")

/** How somebody calls one of our commands here: as a script of the checkout, or of the installed package. */
export const commandLine = (command: string, ...args: ReadonlyArray<string>): string =>
  inCheckout
    ? ["npm run", command, ...(args.length > 0 ? ["--", ...args] : [])].join(" ")
    : ["npx effect-commerce", command, ...args].join(" ")
