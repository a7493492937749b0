/** Text that a person wrote, as the services accept and count it. Pure. */

/** Share of a limit from which the remaining characters are shown. */
const NEAR = 0.9;

/** The text to send: trimmed, without NULs and lone surrogates, which the services refuse. */
export function cleanText(text: string): string {
	const whole = (text as { toWellFormed?: () => string }).toWellFormed?.() ?? text;
	return whole.replaceAll("\0", "").trim();
}

/** Characters left of a limit, negative above it. The services count code points: an emoji is one or more, never two halves. */
export function charactersLeft(text: string, limit: number): number {
	return limit - [...cleanText(text)].length;
}

/** True from the length at which the limit must be visible. */
export function isNearLimit(left: number, limit: number): boolean {
	return left < limit * (1 - NEAR);
}
