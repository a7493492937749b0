/** Bidi control characters. They make "gnp.exe" look like "exe.png"; no language needs them. Pure. */
const MARKS = /[\u202a-\u202e\u2066-\u2069]/g;

export function stripBidiControls(text: string): string {
	return text.replace(MARKS, "");
}
