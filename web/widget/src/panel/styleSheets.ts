/** Adds a style sheet to the shadow root; constructed, because a strict policy of the page requires that. */
export function addSheet(root: ShadowRoot, css: string): CSSStyleSheet {
	const sheet = new CSSStyleSheet();
	sheet.replaceSync(css);
	root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
	return sheet;
}
