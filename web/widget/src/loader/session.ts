/** The visitor's session, requested on every page: its token, and whether chat is on. */
import type { SiteSettings } from "../bridge";
import type { LoaderStorage } from "./storage";

/** First wait between attempts when the gateway cannot be reached (ms); full jitter. */
const FIRST_WAIT = 500;
/** Last wait: gives up after about two minutes. A refused origin looks like a lost network from here. */
const MAX_WAIT = 64_000;

export interface Session {
	/** Missing where the site requires consent first. */
	token: string | null;
	/** The visitor's id. */
	visitor?: string;
	site: SiteSettings;
}

/**
 * Requests a session. A refusal that names a time is asked again then, as while chat is off for the site (S-03); resolves to nothing
 * on any other refusal, such as an origin that is not allowed.
 */
export type OpenSession = (consent?: boolean) => Promise<Session | undefined>;

export function makeSessions(gateway: string, site: string | undefined, store: LoaderStorage): OpenSession {
	return async (consent) => {
		/** A number is the minimum wait before the next attempt (ms). */
		async function request(): Promise<Session | number | undefined> {
			try {
				const response = await fetch(`${gateway}/api/v1/visitor/session`, {
					method: "POST",
					// Without a type: one of JSON would cost each page a request for permission.
					body: JSON.stringify({ site, token: store.token(), consent }),
				});
				const body = await response.json();
				if (response.ok) {
					if (body.token) store.setToken(body.token);
					return body;
				}
				const wait = body.retry_after_s * 1000 || 0;
				return wait || response.status > 428 ? wait : undefined;
			} catch {
				return 0;
			}
		}

		for (let bound = FIRST_WAIT; bound <= MAX_WAIT; ) {
			// Tabs that open together must get one visitor: the second waits for the first one's token. Missing without TLS; Firefox
			// refuses it where cookies are blocked.
			const locks = navigator.locks as LockManager | undefined;
			const answer = await (locks?.request("palique", request).catch(request) ?? request());
			const wait = answer as number;
			// Of all answers only a number is equal to itself as a number.
			if (wait !== +wait) return answer as Session | undefined;
			await new Promise((done) => setTimeout(done, wait + Math.random() * bound));
			// A gateway that names a time is there.
			if (!wait) bound *= 2;
		}
		return;
	};
}
