/** A generation as part of a sort key: as many digits for each, so that text order is number order. */
export const generationDigits = (generation: number): string => String(generation).padStart(10, '0')
