import type { Dice } from "./Dice.ts"

/** A category with its things and their price range in euros. */
interface Shelf {
  readonly category: string
  readonly things: readonly [string, ...Array<string>]
  readonly from: number
  readonly to: number
}

const shelves: readonly [Shelf, ...Array<Shelf>] = [
  {
    category: "Coffee",
    things: ["espresso beans", "filter coffee", "cold brew", "decaf beans"],
    from: 7,
    to: 32
  },
  { category: "Tea", things: ["green tea", "Earl Grey", "rooibos", "jasmine tea", "chai"], from: 4, to: 28 },
  {
    category: "Kitchen",
    things: ["mug", "teapot", "kettle", "bread knife", "cutting board", "pan"],
    from: 9,
    to: 120
  },
  { category: "Garden", things: ["watering can", "trowel", "flower pot", "herb seeds"], from: 3, to: 60 },
  { category: "Books", things: ["cookbook", "atlas", "novel", "notebook", "field guide"], from: 8, to: 45 },
  {
    category: "Toys",
    things: ["puzzle", "kite", "wooden train", "spinning top", "plush bear"],
    from: 6,
    to: 80
  },
  { category: "Clothing", things: ["scarf", "sweater", "apron", "wool socks", "raincoat"], from: 9, to: 150 },
  { category: "Lighting", things: ["desk lamp", "lantern", "candle", "reading light"], from: 5, to: 140 },
  {
    category: "Travel",
    things: ["backpack", "water bottle", "umbrella", "travel pillow"],
    from: 12,
    to: 160
  },
  { category: "Stationery", things: ["fountain pen", "letter paper", "ink", "pencil case"], from: 2, to: 70 }
]

const kinds: readonly [string, ...Array<string>] = [
  "Small",
  "Large",
  "Blue",
  "Red",
  "Green",
  "Striped",
  "Handmade",
  "Organic",
  "Classic",
  "Nordic",
  "Japanese",
  "Everyday",
  "Folding",
  "Vintage",
  "Wooden",
  "Simple",
  "Golden",
  "Winter",
  "Summer",
  "Wild"
]

/** Names of all categories. */
export const categories: ReadonlyArray<string> = shelves.map(({ category }) => category)

/** A product of a category. The price is in euro cents. */
export interface Goods {
  readonly category: string
  readonly name: string
  readonly price: number
}

/** Returns `count` products with distinct names. */
export const goods = ({ pick, between }: Dice, count: number): ReadonlyArray<Goods> => {
  const known = new Map<string, number>()
  return Array.from({ length: count }, () => {
    const { category, things, from, to } = pick(shelves)
    const name = `${pick(kinds)} ${pick(things)}`
    const times = (known.get(name) ?? 0) + 1
    known.set(name, times)
    const price = between(from, to) * 100 + pick([0, 49, 90, 95])
    return { category, name: times === 1 ? name : `${name} No. ${times}`, price }
  })
}
