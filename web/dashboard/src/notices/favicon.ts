/** The tab's icon with a number. Pure. */

const MAX_COUNT = 9;

/** Returns a data URL; 0 is the plain icon. */
export function faviconWith(count: number): string {
	return `data:image/svg+xml,${encodeURIComponent(drawn(count))}`;
}

function drawn(count: number): string {
	const mark =
		'<rect width="32" height="32" rx="9" fill="#0c6b58"/><path d="M8 9h16v11H13l-5 4z" fill="none" stroke="#fff" stroke-width="2.4" stroke-linejoin="round"/>';
	const text = count > MAX_COUNT ? `${MAX_COUNT}+` : String(count);
	const number = `<circle cx="22" cy="22" r="10" fill="#c5221f"/><text x="22" y="26.5" font-family="sans-serif" font-size="${count > MAX_COUNT ? 11 : 13}" font-weight="700" text-anchor="middle" fill="#fff">${text}</text>`;
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">${mark}${count > 0 ? number : ""}</svg>`;
}
