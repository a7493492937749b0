/**
 * Consent on a site that requires it (W-08): before it, nothing is stored and the visitor is not tracked. The dialog asks, or the
 * page's own banner, which calls `Palique.consent()`.
 */
import type { Call, Palique } from "@palique/loader";
import type { SiteSettings } from "../bridge";
import type { OpenSession, Session } from "../loader/session";
import { showConsentDialog } from "./consentDialog";

/** `waiting` are the calls of the page so far, and get further ones: the widget makes them all once it has started. */
export async function agreeFirst(
	tag: DOMStringMap,
	site: SiteSettings,
	waiting: readonly Call[],
	openSession: OpenSession,
): Promise<Session | undefined> {
	const { Palique: page } = window as unknown as { Palique: Palique };
	await new Promise<void>((agree) => {
		if (waiting.some(([name]) => name === "consent")) return agree();
		const agreed = new Promise<void>((done) => {
			const { push } = page;
			page.push = (call) => {
				push(call);
				react(call);
				if (call[0] === "consent") done();
			};
		});
		const language = tag.language ?? document.documentElement.lang;
		const react = showConsentDialog(language, site, tag, agreed);
		waiting.forEach(react);
		agreed.then(agree);
	});
	return openSession(true);
}
