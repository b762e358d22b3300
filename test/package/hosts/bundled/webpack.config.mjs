export default {
  mode: "production",
  target: "node22",
  entry: "./main.mjs",
  experiments: { outputModule: true },
  output: {
    path: `${import.meta.dirname}/built`,
    filename: "main.mjs",
    module: true,
    chunkFormat: "module"
  }
}
