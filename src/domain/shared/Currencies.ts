/**
 * The currencies of ISO 4217 (list one, January 2026) with their minor units, including funds codes, metals and test
 * codes. A table of our own, because a runtime's list depends on its version, and CLDR's digits are those of cash.
 */
const codesByMinorUnits = {
  0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
  2: `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY
    COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR
    IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD
    NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP
    SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG`,
  3: "BHD IQD JOD KWD LYD OMR TND",
  4: "CLF UYW"
} as const

/** ISO 4217 names no minor unit of these codes. Their amounts are whole units. */
const withoutMinorUnits = "XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX"

const table: ReadonlyMap<string, number> = new Map(
  [...Object.entries(codesByMinorUnits), ["0", withoutMinorUnits] as const].flatMap(([digits, codes]) =>
    codes.split(/\s+/).map((code) => [code, Number(digits)] as const)
  )
)

/** All currency codes of ISO 4217, sorted. */
export const currencyCodes: ReadonlyArray<string> = [...table.keys()].sort()

/**
 * Returns the number of decimal digits of a currency's minor unit by ISO 4217: 2 for EUR, 0 for JPY, 3 for KWD. Returns
 * `undefined` for a code that the list does not have.
 */
export const minorUnitDigits = (currency: string): number | undefined => table.get(currency)
