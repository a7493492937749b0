/**
 * Finds web addresses in text from people and in the addresses of visitors' pages. Pure.
 * Security rule of every link: only `http` and `https`, and no user name before the host, which would hide the real host
 * (`https://bank.example@evil.example`).
 */
export interface TextPart {
	readonly text: string;
	readonly link: boolean;
}

// An address ends at white space, invisible and control characters (bidi controls too), and quotes. Outside ASCII it also ends at
// brackets and at what ends a clause: scripts without spaces go on directly after it.
const ADDRESS =
	/https?:\/\/(?:(?=[!-~]|[^\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Quotation_Mark}\p{Terminal_Punctuation}])[^\s\p{C}<>"'`])+/giu;
// Also the star that some people put around words.
const SENTENCE_END = /[.,;:!?*]|(?![!-~])[\p{Po}\p{Pd}]/u;
const OPENING: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

/** The normalised address when it may become a link, else `null`. */
export function webLink(address: string | null | undefined): string | null {
	const url = address && URL.canParse(address) ? new URL(address) : null;
	return url && /^https?:$/.test(url.protocol) && !url.username && !url.password ? url.href : null;
}

/** Splits a text into links and the text between them. Joined, the parts are the text again. */
export function splitLinks(text: string): TextPart[] {
	const parts: TextPart[] = [];
	let end = 0;
	for (const match of text.matchAll(ADDRESS)) {
		const address = withoutTrail(match[0]);
		if (!webLink(address)) continue;
		if (match.index > end) parts.push({ text: text.slice(end, match.index), link: false });
		parts.push({ text: address, link: true });
		end = match.index + address.length;
	}
	if (end < text.length) parts.push({ text: text.slice(end), link: false });
	return parts;
}

/** Drops punctuation that ends the sentence, and closing brackets that the address does not open. */
function withoutTrail(address: string): string {
	const excess = (closing: string) =>
		address.split(closing).length - address.split(OPENING[closing] as string).length;
	const unmatched = Object.fromEntries(Object.keys(OPENING).map((closing) => [closing, excess(closing)]));
	let end = address.length;
	for (; end > 0; end--) {
		const last = address[end - 1] as string;
		const closes = (unmatched[last] ?? 0) > 0;
		if (closes) unmatched[last] = (unmatched[last] as number) - 1;
		else if (!SENTENCE_END.test(last)) break;
	}
	return address.slice(0, end);
}
