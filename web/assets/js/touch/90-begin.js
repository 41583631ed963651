// The first page was loaded by the browser itself; what follows is told by "page".

setClock(Number(document.querySelector('[data-clock]').dataset.now));
document.dispatchEvent(new Event('page'));
listen();
