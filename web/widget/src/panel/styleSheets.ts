/** One more sheet of styles for the widget's shadow root; constructed, as a strict policy of the page demands. */
export function addSheet(root: ShadowRoot, css: string): CSSStyleSheet {
	const sheet = new CSSStyleSheet();
	sheet.replaceSync(css);
	root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
	return sheet;
}
