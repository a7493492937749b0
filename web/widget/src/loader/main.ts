/** Entry point of the script tag on a site's pages. Its only global is `Palique`. */
import type { Call } from "@palique/loader";
import { makeSessions } from "./session";
import { makeStorage } from "./storage";
import { gateway, tag } from "./tag";
import { loadPanel, startWidget } from "./widget";

/** Calls that wait for the widget; further ones are dropped. */
const MAX_WAITING = 100;

/** The global. Each call goes through its `push`, which is another one once the widget has started. */
interface Calls {
	push(call: Call): unknown;
	[name: string]: (...values: never[]) => unknown;
}

const global = window as { Palique?: unknown };

async function start(): Promise<void> {
	/** The calls so far: a page may make them before this script arrives, in a list. */
	const waiting = (global.Palique ?? []) as Call[];
	// A second tag does nothing.
	if (!waiting.map) return;
	const store = makeStorage(tag.site as string);
	const palique: Calls = { push: (call) => waiting.length < MAX_WAITING && waiting.push(call) };
	// In the order that gzip makes smallest.
	for (const name of "open close prefill on fields consent show reset hide profile".split(" "))
		palique[name] = (...values: unknown[]) => palique.push([name, ...values] as unknown as Call);
	global.Palique = palique;

	const openSession = makeSessions(gateway, tag.site, store);
	let session = await openSession();
	// The site requires consent: before it, nothing is stored and the visitor is not tracked (W-08).
	if (session && !session.token)
		session = await (await loadPanel()).agree(tag, session.site, waiting, openSession);
	if (!session) return;
	palique.push = startWidget(store, session, openSession);
	waiting.map(palique.push);
}

// A prerendered page is not visited yet.
if ((document as { prerendering?: boolean }).prerendering)
	document.addEventListener("prerenderingchange", start);
else start();
