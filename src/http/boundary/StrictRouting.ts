/** Router options that treat paths with different case or slashes as different paths (RFC 3986, 6.2.2.1). */
export const strictRouting = {
  caseSensitive: true,
  ignoreTrailingSlash: false,
  ignoreDuplicateSlashes: false
} as const
