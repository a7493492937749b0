/** Entry point of the script tag on a site's pages. Its only global is `Palique`. */
import { openSession } from "./session";
import { makeStorage } from "./storage";
import { loadMore, startWidget } from "./widget";

const script = document.currentScript as HTMLScriptElement;
const global = window as { Palique?: { open(): void; close(): void; consent(): void } };

async function start(): Promise<void> {
	// A second tag does nothing.
	if (global.Palique) return;
	const { site = "", language = document.documentElement.lang } = script.dataset;
	const gateway = new URL(script.src).origin;
	const store = makeStorage(site);
	let wanted: boolean | undefined;
	let consent: boolean | undefined;
	let agree: () => void;
	const agreed = new Promise<void>((done) => {
		agree = done;
	});
	/** Before the widget starts: remembers the last call of open or close. */
	let show: ReturnType<typeof startWidget> = (open) => {
		wanted = open;
	};
	global.Palique = {
		open: () => show(true, true),
		close: () => show(false, true),
		consent() {
			consent = true;
			agree();
		},
	};
	let session = await openSession(gateway, site, store, consent);
	// The site requires consent: before it, nothing is stored and the visitor is not tracked (W-08).
	if (session && !session.token) {
		const asked = session.site;
		if (!consent) loadMore(gateway).then((more) => more.ask(language, asked, agreed));
		await agreed;
		session = await openSession(gateway, site, store, consent);
	}
	if (!session) return;
	show = startWidget(gateway, site, language, store, session);
	if (wanted) show(true, true);
}

// A prerendered page is not visited yet.
if ((document as { prerendering?: boolean }).prerendering)
	document.addEventListener("prerenderingchange", start, { once: true });
else start();
