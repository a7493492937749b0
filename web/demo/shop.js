// What a shop does with scripts of its own: a navigation without a page load, and a button that opens the chat.
const name = document.title;

function choose(link) {
	for (const other of document.querySelectorAll("[data-glaze]")) other.removeAttribute("aria-current");
	link?.setAttribute("aria-current", "true");
	document.title = link ? `${link.dataset.glaze} · ${name}` : name;
}

function chosen() {
	const here = [...document.querySelectorAll("[data-glaze]")];
	return here.find((link) => link.href === location.href);
}

for (const link of document.querySelectorAll("[data-glaze]"))
	link.addEventListener("click", (event) => {
		event.preventDefault();
		history.pushState(null, "", link.href);
		choose(link);
	});

addEventListener("popstate", () => choose(chosen()));
choose(chosen());

document.querySelector("[data-open-chat]")?.addEventListener("click", () => window.Palique?.open());
