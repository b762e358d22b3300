/** A shopping bag. */
const favicon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M2 5h12l1 10H1z'/%3E%3Cpath d='M5 7V4a3 3 0 0 1 6 0v3' fill='none' stroke='gray'/%3E%3C/svg%3E"

/**
 * How the page that documents the API looks. It loads nothing from elsewhere, and offers nothing that would take the
 * description of the API there.
 */
export const scalar = {
  favicon,
  authentication: { preferredSecurityScheme: "bearer" },
  defaultOpenAllTags: true,
  withDefaultFonts: false,
  hideModels: true,
  hideClientButton: true,
  showDeveloperTools: "never"
}
