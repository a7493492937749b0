/** Whether the widget shows. One that the page hides shows while its panel is open, and gives the focus back after that. */
import type { Widget } from "../loader/widget";

export type Visibility = ReturnType<typeof makeVisibility>;

export function makeVisibility(widget: Widget) {
	const { host, button } = widget;
	let hidden = !!host.hidden;
	let { shown } = widget;
	/** Where the focus was before the panel of a hidden widget opened. */
	let opener: Element | null = null;

	/** Follows the panel. */
	function update(): void {
		const turned = shown !== widget.shown;
		shown = widget.shown;
		if (turned && shown && hidden) opener = document.activeElement;
		host.hidden = hidden && !shown;
		if (turned && !shown && hidden) (opener as HTMLElement | null)?.focus?.();
	}

	update();
	// The page opened it before this code could show it. From the button the focus moves to the panel once that is loaded.
	if (hidden && shown) {
		opener = document.activeElement;
		button.focus();
	}

	return {
		update,
		/** True while the page hides the button. */
		get hidden() {
			return hidden;
		},
		/** The page hides the button, or shows it again. */
		hide(wanted: boolean): void {
			hidden = wanted;
			if (hidden && widget.shown) widget.show(false, false);
			// The application shows no notices of a hidden widget.
			widget.tell(false);
		},
	};
}
