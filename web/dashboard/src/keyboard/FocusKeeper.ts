/**
 * Keeps the keyboard focus inside the page. When the focused element is removed, hidden or disabled, the browser moves the focus to
 * the body, where a keyboard user has lost the place. The focus moves to the nearest remaining place instead.
 */

// A focus that is lost in one of these does not move to another control in them.
const LANDMARKS = "main, aside, nav, body, .shell";
const CONTROLS =
	"a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), [tabindex]";
const REMEMBERED = 10;

/** An ancestor of the focused element, and the index of its child with the focus. */
interface Place {
	readonly element: HTMLElement;
	readonly child: number;
}

export class FocusKeeper {
	readonly #document: Document;
	/** The element that had the focus last; null if the focus was moved away on purpose. */
	#last: HTMLElement | null = null;
	/** Its ancestors, as they were. */
	#trail: readonly Place[] = [];
	/** The last elements that had the focus, latest first. */
	#before: readonly HTMLElement[] = [];

	constructor(document: Document) {
		this.#document = document;
	}

	/** Call once. */
	start(): void {
		const document = this.#document;
		document.addEventListener("focusin", (event) => this.#remember(event.target as HTMLElement));
		document.addEventListener("focusout", () => queueMicrotask(() => this.#forgetIfLeft()));
		new MutationObserver(() => this.#restore()).observe(document.body, {
			childList: true,
			subtree: true,
			attributeFilter: ["disabled", "inert"],
		});
	}

	#remember(target: HTMLElement): void {
		this.#last = target;
		this.#trail = ancestorsOf(target);
		this.#before = [target, ...this.#before.filter((one) => one !== target)].slice(0, REMEMBERED);
	}

	/** A press beside all controls moves the focus away on purpose. */
	#forgetIfLeft(): void {
		const last = this.#last;
		if (last && isAvailable(last) && this.#document.activeElement !== last) this.#last = null;
	}

	#restore(): void {
		const last = this.#last;
		if (!last || isAvailable(last)) return;
		const active = this.#document.activeElement;
		if (active !== this.#document.body && active !== last) return;
		moveFocus(this.#sameThing(last) ?? this.#near(last) ?? this.#earlier() ?? mainHeading(this.#document));
	}

	/** The place where the chat of the lost window, tab or row is now. */
	#sameThing(last: HTMLElement): HTMLElement | undefined {
		const id = last.closest<HTMLElement>("[data-conversation]")?.dataset.conversation;
		if (!id) return;
		const places = this.#document.querySelectorAll<HTMLElement>(`[data-conversation="${CSS.escape(id)}"]`);
		return firstOf([...places].map(firstControl));
	}

	/** The control in the same place of the nearest remaining ancestor; the heading in the place of a heading. */
	#near(last: HTMLElement): HTMLElement | undefined {
		const end = this.#trail.findIndex(({ element }) => element.matches(LANDMARKS));
		const places = this.#trail
			.slice(0, end < 0 ? undefined : end)
			.filter(({ element }) => element.isConnected);
		if (last.matches("h1"))
			return firstOf(places.map(({ element }) => element.querySelector<HTMLElement>("h1")));
		return firstOf(places.map(controlAt));
	}

	#earlier(): HTMLElement | undefined {
		return this.#before.find(isAvailable);
	}
}

/** Focuses an element that need not be a control, such as a heading. */
export function moveFocus(element: HTMLElement | null | undefined): void {
	if (!element) return;
	if (!element.matches(CONTROLS)) element.tabIndex = -1;
	element.focus({ preventScroll: true });
}

/** Heading of the page, or of what is in its place. */
export function mainHeading(document: Document): HTMLElement | undefined {
	return firstOf([...document.querySelectorAll<HTMLElement>("main h1")]);
}

/** The tab stop in the place; in a list with another tab stop, the first control. */
function firstControl(place: HTMLElement): HTMLElement | undefined {
	const all = [...place.querySelectorAll<HTMLElement>(CONTROLS)].filter(isAvailable);
	return all.find((one) => one.tabIndex >= 0) ?? all[0];
}

/** The first control from the child that had the focus on, else the one before it. */
function controlAt({ element, child }: Place): HTMLElement | undefined {
	const children = [...element.children] as HTMLElement[];
	const nearest = [...children.slice(child), ...children.slice(0, child).reverse()];
	return firstOf(
		nearest.map((one) => (one.matches(CONTROLS) && one.tabIndex >= 0 ? one : firstControl(one))),
	);
}

function firstOf(all: readonly (HTMLElement | null | undefined)[]): HTMLElement | undefined {
	return all.find((one): one is HTMLElement => one != null && isAvailable(one));
}

function isAvailable(element: HTMLElement): boolean {
	return (
		element.isConnected &&
		!element.matches(":disabled") &&
		!element.closest("[inert]") &&
		element.checkVisibility({ visibilityProperty: true })
	);
}

function ancestorsOf(element: HTMLElement): readonly Place[] {
	const parent = element.parentElement;
	if (!parent) return [];
	return [{ element: parent, child: [...parent.children].indexOf(element) }, ...ancestorsOf(parent)];
}
