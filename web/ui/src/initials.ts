/** Initials and colour of a person without a photo, derived from the name. */
export function initials(name: string): string {
	const words = name.trim().split(/\s+/).filter(Boolean);
	const chosen = words.length > 1 ? [words[0], words[words.length - 1]] : words.slice(0, 1);
	const letters = chosen.map((word) => Array.from(word ?? "")[0] ?? "");
	return letters.join("").toLocaleUpperCase() || "?";
}

/** Hue in degrees. */
export function hue(seed: string): number {
	let sum = 0;
	for (const letter of seed) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 360;
	return sum;
}
