import { type Corruption, order } from "./Corruption.ts"

const units = order("units")

const set = (change: string) => `UPDATE commerce.orders SET ${change} WHERE id = ?`
/** Sets a count of a line: 0 shipped, 1 cancelled, 2 returned, 3 restocked. */
const count = (line: number, index: number, value: number) =>
  set(`units = jsonb_set(units, '{${line},${index}}', '${value}')`)

export const unitsCorruptions: ReadonlyArray<Corruption> = [
  units("parts", "counts a shipment that no event has", count(1, 0, 1)),
  units("parts", "forgets a shipment", count(0, 0, 0), count(0, 2, 0), set("current_total = NULL")),
  units("parts", "forgets a return", count(0, 2, 0), set("current_total = NULL")),
  units("parts", "owes for what has come back", set("current_total = total")),
  units("parts", "owes as if nothing had come back", set("current_total = NULL")),
  units("created", "owes less, and nothing has left it", set("current_total = total - 1")),
  units("reduced", "ships more than there are left", count(0, 0, 2)),
  units("reduced", "forgets a fee that was waived", count(2, 1, 0)),
  units("reduced", "has no counts of its fee", set("units = units - -1")),
  units("reduced", "has empty counts of its fee", set("units = jsonb_set(units, '{2}', '[]')")),
  units("reduced", "has counts of a line that it does not have", set("units = units || '[[0, 0, 0, 0]]'")),
  units("cancelled", "owes something although all is cancelled", set("current_total = 1")),
  units("returned", "has an open unit and is shipped", count(1, 0, 0))
]
