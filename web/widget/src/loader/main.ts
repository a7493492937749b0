/** The script of the one tag that a site puts on its pages. Its only global is `Palique`. */
import { openSession } from "./session";
import { makeStore } from "./store";
import { startWidget } from "./widget";

const script = document.currentScript as HTMLScriptElement;
const global = window as { Palique?: { open(): void; close(): void } };

async function start(): Promise<void> {
	const { site = "", language = document.documentElement.lang } = script.dataset;
	const gateway = new URL(script.src).origin;
	const store = makeStore(site);
	const session = await openSession(gateway, site, store);
	// Two tags on one page are one widget.
	if (!session || global.Palique) return;
	const show = startWidget(gateway, site, language, store, session);
	global.Palique = { open: () => show(true, true), close: () => show(false, true) };
}

// A page that the browser only prepares is not visited yet.
if ((document as { prerendering?: boolean }).prerendering)
	document.addEventListener("prerenderingchange", start, { once: true });
else start();
