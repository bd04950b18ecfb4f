/** The id of the n-th order of the bench, 15 characters. */
export const orderNumber = (n: number): string => `801000000${n.toString().padStart(6, '0')}`;
