/** Spanish texts. */
import type { consent as english, TextKey } from "./en";

export const es: Record<TextKey, string> = {
	button_open: "Abrir el chat",
	button_open_unread_one: "Abrir el chat, {n} mensaje nuevo",
	button_open_unread_other: "Abrir el chat, {n} mensajes nuevos",
	button_close: "Cerrar el chat",
	page_title_unread_one: "{n} mensaje nuevo",
	page_title_unread_other: "{n} mensajes nuevos",
	preview_from: "Mensaje nuevo de {name}",
	preview_dismiss: "Ocultar este mensaje",
	sound: "Sonido al recibir mensajes",

	title: "Chat",
	online: "Estamos en línea",
	offline: "Ahora no hay agentes disponibles",
	with_agent: "te atiende",
	waiting: "Te atenderemos enseguida",
	waiting_next: "Te atenderemos a continuación",
	waiting_position: "Puesto {n} en la cola",
	minimise: "Minimizar el chat",

	log: "Conversación",
	you: "Tú",
	greeting_online: "¡Hola! ¿En qué podemos ayudarte?",
	greeting_offline:
		"Ahora no hay agentes disponibles. Déjanos un mensaje y te responderemos en cuanto podamos.",
	joined: "{name} se ha unido al chat",
	requeued: "Enseguida te volverá a atender un agente",
	transferred: "Te pasamos con otro agente",
	closed: "El chat ha terminado",
	closed_next: "¿Algo más? Escribe un mensaje para empezar un chat nuevo.",
	typing: "{name} está escribiendo",
	earlier: "Mostrar mensajes anteriores",
	new_messages: "Mensajes nuevos",

	sending: "Enviando",
	sent: "Enviado",
	delivered: "Entregado",
	read: "Leído",
	retrying: "Sin enviar, reintentando",
	failed: "No enviado",
	resend: "Enviar de nuevo",
	discard: "Descartar",

	write: "Escribe un mensaje",
	send: "Enviar",
	characters_left_one: "Queda {n} carácter",
	characters_left_other: "Quedan {n} caracteres",
	characters_over_one: "Sobra {n} carácter. Acorta el texto.",
	characters_over_other: "Sobran {n} caracteres. Acorta el texto.",

	end: "Terminar el chat",
	end_question: "¿Terminar este chat?",
	end_confirm: "Sí, terminar",
	end_cancel: "Seguir en el chat",

	reconnecting: "Sin conexión. Tus mensajes se enviarán cuando vuelva.",
	elsewhere: "Este chat está abierto en otra pestaña o ventana.",
	continue_here: "Continuar aquí",
	outdated: "Recarga la página para continuar el chat.",
	switched_off: "El chat está cerrado por ahora. Cuando vuelva a abrir, podrás seguir aquí mismo.",
	unavailable: "El chat no está disponible en este momento.",
	try_again: "Intentar de nuevo",

	why_too_large: "El mensaje es demasiado largo.",
	why_too_fast: "Demasiados mensajes en poco tiempo. Espera un momento.",
	why_invalid: "El mensaje no se ha aceptado.",
	why_other: "El servidor lo ha rechazado ({code}).",
};

/** Texts of the consent dialog. */
export const consent: Record<keyof typeof english, string> = {
	open: "Abrir el chat",
	title: "Antes de chatear",
	sentence:
		"Para chatear contigo, guardamos un identificador en este navegador y vemos qué páginas de este sitio abres. ¿Lo aceptas?",
	yes: "Sí, chatear",
	no: "No, gracias",
};
