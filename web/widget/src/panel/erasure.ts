/** Forgets a visitor: in the host's storage, and at the gateway. */
import type { LoaderStorage } from "../loader/storage";
import type { Widget } from "../loader/widget";

/** Ends the visitor's token. Sent once, even if the page is left now: without a gateway the token lasts until it expires. */
export function endToken({ gateway, store, session }: Widget): void {
	// Another tab may have begun a newer one.
	const token = store.token?.() || session.token;
	const request = { method: "POST", keepalive: true, body: JSON.stringify({ token }) };
	if (token) fetch(`${gateway}/api/v1/visitor/session/end`, request).catch(() => {});
}

/** Erases what the loader has stored: the token, unsent messages, and what this tab remembers. */
export function eraseVisitor({ root, local }: LoaderStorage): void {
	for (const key of Object.keys(local)) if (key === root || key.startsWith(`${root}:`)) delete local[key];
	try {
		sessionStorage.removeItem(root);
	} catch {
		// Blocked: it was never stored.
	}
}
