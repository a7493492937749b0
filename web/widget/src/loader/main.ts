/** Entry point of the script tag on a site's pages. Its only global is `Palique`. */
import { makeSessions } from "./session";
import { makeStorage } from "./storage";
import { loadMore, startWidget } from "./widget";

// Modules have no `currentScript`.
const script = (document.currentScript ??
	document.querySelector('[src*="/widget.js"][data-site]')) as HTMLScriptElement;
const global = window as { Palique?: { open(): void; close(): void; consent(): void } };

async function start(): Promise<void> {
	// A second tag does nothing.
	if (global.Palique) return;
	const { site = "", language = document.documentElement.lang } = script.dataset;
	// A proxy may serve the gateway below a path.
	const gateway = script.src.split("/widget.js")[0] as string;
	const store = makeStorage(site);
	let requested: boolean | undefined;
	let consent: boolean | undefined;
	let giveConsent: () => void;
	const consented = new Promise<void>((done) => {
		giveConsent = done;
	});
	/** Before the widget starts: remembers the last call of open or close. */
	let show: ReturnType<typeof startWidget> = (open) => {
		requested = open;
	};
	global.Palique = {
		open: () => show(true, true),
		close: () => show(false, true),
		consent() {
			consent = true;
			giveConsent();
		},
	};
	const openSession = makeSessions(gateway, site, store);
	let session = await openSession();
	// The site requires consent: before it, nothing is stored and the visitor is not tracked (W-08).
	if (session && !session.token) {
		const { site: settings } = session;
		if (!consent) loadMore(gateway).then((more) => more.ask(language, settings, consented));
		await consented;
		session = await openSession(true);
	}
	if (!session) return;
	show = startWidget(gateway, site, language, store, session, openSession);
	if (requested) show(true, true);
}

// A prerendered page is not visited yet.
if ((document as { prerendering?: boolean }).prerendering)
	document.addEventListener("prerenderingchange", start);
else start();
