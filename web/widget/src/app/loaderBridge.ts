/** Messages to and from the loader, the only way out of the iframe. Ignores messages from all other windows and origins. */
import type { Command, HostState, MessageToApp, MessageToLoader } from "../bridge";

export interface Loader {
	frame(raw: string): void;
	command(command: Command): void;
}

export interface LoaderListener {
	onHostState(by: HostState): void;
	onFrame(raw: string): void;
}

/** The host page's origin is in this page's address. With a wrong one the browser delivers no messages. */
export function connectLoader(view: Window, listener: LoaderListener): Loader {
	const origin = new URLSearchParams(view.location.search).get("origin") ?? view.location.origin;
	const post = (message: MessageToLoader) => view.parent.postMessage(message, origin);
	view.addEventListener("message", (event: MessageEvent<MessageToApp>) => {
		if (event.source !== view.parent || event.origin !== origin) return;
		if (typeof event.data === "string") listener.onFrame(event.data);
		else listener.onHostState(event.data);
	});
	return { frame: post, command: post };
}
