import { describe, expect, test } from "vitest"
import { entityTagsIn, isNamed } from "../../../src/http/boundary/EntityTags.ts"

describe("A list of entity tags", () => {
  test.each<[string, ReadonlyArray<string>]>([
    ["", []],
    ['"a"', ['"a"']],
    ['W/"a"', ['"a"']],
    ['""', ['""']],
    ['"a", W/"b","c"', ['"a"', '"b"', '"c"']],
    [' \t"a"\t,\t"b" ', ['"a"', '"b"']],
    [', "a",, ,"b",', ['"a"', '"b"']],
    ['"a,*,b", "W/c"', ['"a,*,b"', '"W/c"']],
    ['"\x80\xff!#~"', ['"\x80\xff!#~"']],
    ["*", []],
    ['*, "a"', []],
    ['"a" "b"', []],
    ['"a""b"', []],
    ['w/"a"', []],
    ['W/ "a"', []],
    ["a", []],
    ['"a', []],
    ['"a b"', []],
    ['"a", b', []]
  ])("%j names %j", (list, tags) => {
    expect(entityTagsIn(list)).toEqual(tags)
  })
})

describe("A tag is named", () => {
  test.each(['W/"a"', '"a"', '"b", W/"a"', "*", " * ", '"*", "a"'])("by %s", (header) => {
    expect(isNamed(header, 'W/"a"')).toBe(true)
  })

  test.each([undefined, "", '"b"', '"A"', '"*"', '"a,*,b"', "a", '*, "b"', '"a', 'W/"a"x'])(
    "not by %s",
    (header) => {
      expect(isNamed(header, 'W/"a"')).toBe(false)
    }
  )
})
