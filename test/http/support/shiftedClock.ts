import { layerClock } from "../../../src/promise/Host.ts"

/** A clock for a server, which goes on by itself and can be told that more time has passed. */
export const shiftedClock = () => {
  let shift = 0
  return {
    layer: layerClock(() => Date.now() + shift),
    pass: (millis: number) => {
      shift += millis
    }
  }
}
