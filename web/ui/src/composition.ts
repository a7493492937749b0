/** Keys of an input method's composition: they select or cancel a suggestion and must not act. Pure. */

// Value of `keyCode` for a key that the input method handled.
const HANDLED = 229;

/**
 * True for a key of a composition. Safari sends `compositionend` before the `keydown` of its last key, with `isComposing` false:
 * there only `keyCode` shows it.
 */
export function isComposing(event: { readonly isComposing: boolean; readonly keyCode: number }): boolean {
	return event.isComposing || event.keyCode === HANDLED;
}
