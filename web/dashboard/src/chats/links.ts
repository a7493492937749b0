/** Finds web addresses in what people write. Pure; only http and https, so that nothing else becomes a link. */
export type Piece = { text: string; link: boolean };

const ADDRESS = /https?:\/\/[^\s<>"']+/gi;
// What ends a sentence rather than an address.
const TRAIL = /[.,;:!?)\]}»”’]+$/;

export function pieces(text: string): Piece[] {
	const found: Piece[] = [];
	let end = 0;
	for (const match of text.matchAll(ADDRESS)) {
		const address = match[0].replace(TRAIL, "");
		if (!URL.canParse(address)) continue;
		if (match.index > end) found.push({ text: text.slice(end, match.index), link: false });
		found.push({ text: address, link: true });
		end = match.index + address.length;
	}
	if (end < text.length) found.push({ text: text.slice(end), link: false });
	return found;
}
