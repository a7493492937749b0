/** The loader's side of the bridge: the only way out of the iframe. Takes nothing from, and tells nothing to, anybody else. */
import type { Command, HostState, MessageToApp, MessageToLoader } from "../bridge";

export interface Loader {
	frame(raw: string): void;
	command(command: Command): void;
}

export interface Receiver {
	surrounded(by: HostState): void;
	framed(raw: string): void;
}

/** The host page's origin comes in the address; a wrong one only means that nobody hears this application. */
export function connectLoader(view: Window, receiver: Receiver): Loader {
	const origin = new URLSearchParams(view.location.search).get("origin") ?? view.location.origin;
	const post = (message: MessageToLoader) => view.parent.postMessage(message, origin);
	view.addEventListener("message", (event: MessageEvent<MessageToApp>) => {
		if (event.source !== view.parent || event.origin !== origin) return;
		if (typeof event.data === "string") receiver.framed(event.data);
		else receiver.surrounded(event.data);
	});
	return { frame: post, command: post };
}
