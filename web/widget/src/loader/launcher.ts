/**
 * All that the widget draws into the host's page: a button, and the iframe once it is needed, in a shadow root that the page's
 * styles do not reach. Nothing takes room in the page's layout. Styles go through constructed sheets, which a strict
 * Content-Security-Policy allows where `style` elements and attributes are refused.
 */
import type { Colours, SiteSettings } from "../bridge";
import css from "./launcher.css?inline";

export function makeLauncher({ colours, position }: SiteSettings) {
	const host = document.createElement("palique-chat");
	const root = host.attachShadow({ mode: "open" });
	const button = document.createElement("button");
	const frame = document.createElement("iframe");
	const own = new CSSStyleSheet();

	own.replaceSync(
		`${css}button,iframe{${position}:20px}${paint(colours.light)}@media(prefers-color-scheme:dark){${paint(colours.dark)}}`,
	);
	root.adoptedStyleSheets = [own];
	// The same word in every language so far; the application says more.
	button.ariaLabel = frame.title = "Chat";
	root.append(button);
	// Beside the body, since some pages exchange theirs.
	document.documentElement.append(host);
	return { host, root, button, frame };
}

function paint({ background, text }: Colours): string {
	return `button{background:${background}}button:before{background:${text}}`;
}
