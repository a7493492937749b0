/** Marks that turn the direction of writing. They let "exe.png" be read where "gnp.exe" stands; letters need none of them. Pure. */
const MARKS = /[\u202a-\u202e\u2066-\u2069]/g;

export function stripBidiControls(text: string): string {
	return text.replace(MARKS, "");
}
