/** Addresses of the page without what agents must not read: tokens, keys, codes. Pure. Paths are never changed. */
import type { Page } from "@palique/client";

/** Parameters that name a secret. */
const SECRET_NAME =
	/token|secret|passw|pwd|auth(?!or)|sess(ion|_?id)|signature|api.?key|jwt|csrf|xsrf|nonce|^(pass|code|state)$|(^|[_-])(key|sig|sid|otp|pin|hash|hmac|ticket)$/i;
/** Sixteen letters and digits in a row, with a digit; an UUID; a long mixture of small and capital letters and digits. */
const SECRET_VALUES = [
	/(?=[a-z]*\d)[a-z\d]{16}/i,
	/[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-/i,
	/^(?=.*\d)(?=.*[a-z])(?=.*[A-Z])[\w.~+/=%-]{20,}$/,
];
/** A longer value is no choice of a visitor. It also bounds the work of the patterns. */
const LONGEST_VALUE = 200;
/** The server drops longer addresses. */
const LONGEST_ADDRESS = 2_000;

type Keep = (name: string, value: string) => boolean;

/** `listed`: names of the parameters to keep, separated by spaces or commas; missing keeps all that look harmless. */
export function stripPage(page: Page, listed: string | undefined): Page {
	return {
		...page,
		url: stripAddress(page.url ?? "", listed),
		referrer: stripAddress(page.referrer ?? "", listed),
	};
}

export function stripAddress(address: string, listed?: string): string {
	const bare = address.split(/[?#]/)[0] as string;
	if (bare === address) return address;
	const names = listed?.split(/[\s,]+/);
	const keep: Keep = names ? (name) => names.includes(name) : looksHarmless;
	let url: URL;
	try {
		url = new URL(address);
	} catch {
		return bare;
	}
	url.search = stripParameters(url.search.slice(1), keep);
	url.hash = stripFragment(url.hash.slice(1), keep);
	return url.href.length > LONGEST_ADDRESS ? bare : url.href;
}

export function looksHarmless(name: string, value: string): boolean {
	if (value.length > LONGEST_VALUE || name.length > LONGEST_VALUE) return false;
	// A token may stand alone: `?3f9c…`.
	return ![name, value].some(looksSecret) && !SECRET_NAME.test(name);
}

function looksSecret(text: string): boolean {
	return SECRET_VALUES.some((pattern) => pattern.test(text));
}

/** The text as it is, when nothing goes. */
function stripParameters(text: string, keep: Keep): string {
	const all = [...new URLSearchParams(text)];
	const kept = all.filter(([name, value]) => keep(name, value));
	return kept.length === all.length ? text : `${new URLSearchParams(kept)}`;
}

/** A fragment names a place on the page, or has parameters, perhaps after a path: `#/orders?token=…`. */
function stripFragment(fragment: string, keep: Keep): string {
	const at = fragment.indexOf("?") + 1;
	const place = fragment.includes("=") ? fragment.slice(0, at) : fragment;
	const kept = stripParameters(fragment.slice(place.length), keep);
	return place.length > LONGEST_VALUE || looksSecret(place) ? kept : place + kept;
}
