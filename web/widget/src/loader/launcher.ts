/**
 * The widget's elements in the host's page: a button, and the iframe when needed, in a shadow root that the page's styles do not
 * reach. They do not change the page's layout.
 * Styles use constructed sheets, which a strict Content-Security-Policy allows.
 */
import type { Colours, SiteSettings } from "../bridge";
import css from "./launcher.css?inline";

export function makeLauncher(
	{ colours, position }: SiteSettings,
	{ position: side = position, offset, hidden }: DOMStringMap,
) {
	const host = document.createElement("palique-chat");
	const root = host.attachShadow({ mode: "open" });
	const button = document.createElement("button");
	const frame = document.createElement("iframe");
	const own = new CSSStyleSheet();

	own.replaceSync(
		`${css.replace("right", side)}${offset ? `:host{--palique-x:${offset.replace(" ", ";--palique-y:")}}` : ""}${paint(colours.light)}@media(prefers-color-scheme:dark){${paint(colours.dark)}}`,
	);
	root.adoptedStyleSheets = [own];
	// Same in all languages; the application sets a better label.
	button.ariaLabel = frame.title = "Chat";
	root.append(button);
	host.hidden = hidden != null;
	// Next to the body, because some pages replace their body.
	document.documentElement.append(host);
	return { host, root, button, frame };
}

function paint({ background, text }: Colours): string {
	return `button{background:${background}}button:before{background:${text}}`;
}
