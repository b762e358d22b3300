/** The ids, and the tag, that all examples of the OpenAPI document share. */
export const categoryId = "01a2093f-bfb4-7677-bd0c-c4bd5b59979c"
export const productId = "01a2093f-bfe2-7642-82fa-838ef7cfb458"
export const customerId = "01a2093f-c1c9-7272-a9c9-ff421820ed68"
export const orderId = "01a2093f-c470-773f-8bc2-d9f9d74b6b97"
export const paymentId = "01a2093f-c505-7128-938b-f43f0155c3c2"
export const voucherId = "01a2093f-c601-7a3c-b0ab-8a8c2b1c94d1"
export const serviceTokenId = "01a2093f-c6e2-7c55-8a0e-5b7b6a2a9f01"
export const etag = 'W/"4bf5122f344554c53bde2ebb8cd2b7e3"'
