/** How the documentation page looks before its scripts have arrived. */
export const loadingCss =
  "body{margin:0;font-family:system-ui,sans-serif}.loading{max-width:40rem;margin:4rem auto;padding:0 1rem}"

/** What differs from the looks of Scalar: contrast by WCAG 2.2 AA, and a width of 390 pixels. */
export const docsCss = `
.light-mode.light-mode {
  --scalar-color-2: #545454;
  --scalar-color-3: #5f5f5f;
  --scalar-color-green: #00613d;
  --scalar-color-blue: #00538f;
  --scalar-color-yellow: #6b5000;
  --scalar-color-orange: #9a3400;
  --scalar-color-red: #a3001b;
  --scalar-color-purple: #5b2c9d;
  --scalar-sidebar-color-2: #545454;
  --scalar-sidebar-search-color: #5f5f5f;
}
.dark-mode.dark-mode {
  --scalar-color-3: #979797;
  --scalar-color-red: #ff7070;
  --scalar-sidebar-search-color: #979797;
}
.references-rendered { overflow-x: clip; }
.scalar-toaster.scalar-toaster { right: 16px; left: 16px; width: auto; max-width: calc(100vw - 32px); }
`
