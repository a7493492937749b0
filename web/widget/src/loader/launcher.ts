/**
 * All that the widget draws into the host's page: a button, and the iframe once it is needed, in a shadow root that the page's
 * styles do not reach. Nothing takes room in the page's layout. Styles go through constructed sheets, which a strict
 * Content-Security-Policy allows where `style` elements and attributes are refused.
 */
import css from "./launcher.css?inline";

export function makeLauncher() {
	const host = document.createElement("palique-chat");
	const root = host.attachShadow({ mode: "open" });
	const button = document.createElement("button");
	const frame = document.createElement("iframe");
	const own = new CSSStyleSheet();
	/** The application's. */
	const added = new CSSStyleSheet();

	own.replaceSync(css);
	root.adoptedStyleSheets = [own, added];
	// The same word in every language so far; the application says more.
	button.ariaLabel = frame.title = "Chat";
	root.append(button);
	// Beside the body, since some pages exchange theirs.
	document.documentElement.append(host);
	return { host, root, button, frame, added };
}
