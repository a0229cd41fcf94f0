// The lab in JupyterLab: the console in a pane that survives a reload, its tile, and a short tour.
// A container of module federation written by hand, so that there is nothing to build: JupyterLab
// calls init() with the packages that it shares, then get('./extension') for the plugins.
(() => {
  const WORKSPACE = 'lab'; // the one that `labgateway lab` lays out
  const OPEN = 'labgateway:console';
  const TOUR = 'labgateway:tour';
  const TOUR_SEEN = 'labgateway:tour-seen';
  const ICON =
    '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24">' +
    '<path class="jp-icon3" fill="#616161" d="M3 4h18v3H3zm0 13h18v3H3zm2-6h6V8h2v3h6v2h-6v3h-2v-3H5z"/></svg>';
  const KERNELS_OWN = ['kernelspec', 'language_info']; // a notebook's metadata that its kernel writes
  const NOTEBOOK = '.jp-NotebookPanel:not(.lm-mod-hidden)';
  const BELOW = ':is(.jp-MainAreaWidget, .jp-Document):not(.lm-mod-hidden) > :is(.jp-Terminal, .jp-FileEditor)';
  const BOARD = '.lm-TabBar-tab[title*="board.ipynb"]';
  // `margin` puts the card on the side on which it leaves free what it is about.
  const STOPS = [
    {
      title: 'Notebooks, on the left',
      said:
        'Each is one step. Select a cell and press `Shift+Enter`; the first cell starts the gateway. ' +
        '`check(1)`, `check(2)`, … say what works and what does not.',
      about: NOTEBOOK,
      margin: '0 3em 0 auto'
    },
    {
      title: 'Console, on the right',
      said:
        'The gateway as its operators see it: resources, routes, traffic and traces, live. ' +
        'Until the first cell has run, it says that there is no gateway yet.',
      about: '#labgateway-console',
      margin: '0 auto 0 3em'
    },
    {
      title: 'Terminal and editor, in tabs below the console',
      said:
        'In the terminal `kubectl`, `curl "$GATEWAY_IP:$GATEWAY_PORT/openai"` and `python -m checks` ' +
        'work on the same gateway. `manifests/openai.yaml` is a file to edit.',
      about: BELOW,
      margin: '0 auto 0 3em'
    },
    {
      title: 'Board, in the tab behind the notebook',
      said:
        'What a general observability tool would show of the same traffic: figures and a traces explorer. ' +
        'Run its cells when there is traffic.',
      about: BOARD,
      margin: '0 3em 0 auto'
    }
  ];

  let shared;

  // The module that JupyterLab itself uses; these packages are there in one version only.
  async function use(name) {
    const [offered] = Object.values(shared[name]);
    return (await offered.get())();
  }

  async function plugins() {
    const [application, apputils, coreutils, launcher, notebook, ui] = await Promise.all(
      ['application', 'apputils', 'coreutils', 'launcher', 'notebook', 'ui-components'].map(name =>
        use(`@jupyterlab/${name}`)
      )
    );
    const { Widget } = await use('@lumino/widgets');
    const icon = new ui.LabIcon({ name: 'labgateway:console', svgstr: ICON });
    return [
      {
        id: 'labgateway:console',
        description: 'The console of the gateway in a pane.',
        autoStart: true,
        optional: [application.ILayoutRestorer, launcher.ILauncher, apputils.ICommandPalette],
        activate: (app, restorer, tiles, palette) =>
          console_(app, { restorer, tiles, palette, apputils, coreutils, icon })
      },
      {
        id: 'labgateway:tour',
        description: 'A short tour of the lab, offered once.',
        autoStart: true,
        optional: [apputils.ICommandPalette],
        activate: (app, palette) => tour(app, { palette, apputils, coreutils, Widget })
      },
      {
        id: 'labgateway:untouched',
        description: 'A notebook that was only opened is not a changed one.',
        autoStart: true,
        requires: [notebook.INotebookTracker],
        activate: (_, notebooks) => keepUntouched(notebooks)
      }
    ];
  }

  function console_(app, { restorer, tiles, palette, apputils, coreutils, icon }) {
    const tracker = new apputils.WidgetTracker({ namespace: 'labgateway' });
    let pane = null;
    app.commands.addCommand(OPEN, {
      label: 'Gateway console',
      caption: 'Open the console of the gateway beside the notebook',
      icon,
      execute: () => {
        if (!pane || pane.isDisposed) {
          pane = newPane(apputils, coreutils, icon);
          tracker.add(pane);
        }
        if (!pane.isAttached) {
          app.shell.add(pane, 'main', { mode: 'split-right' });
        }
        app.shell.activateById(pane.id);
        return pane;
      }
    });
    restorer?.restore(tracker, { command: OPEN, name: () => 'console' });
    tiles?.add({ command: OPEN, category: 'Other', rank: 0 });
    palette?.addItem({ command: OPEN, category: 'Gateway' });
  }

  function newPane(apputils, coreutils, icon) {
    const content = new apputils.IFrame({
      sandbox: ['allow-same-origin', 'allow-scripts', 'allow-forms', 'allow-popups', 'allow-downloads']
    });
    content.url = coreutils.URLExt.join(coreutils.PageConfig.getBaseUrl(), 'labgateway/ui/');
    content.title.label = 'Gateway console';
    content.title.icon = icon;
    content.node.querySelector('iframe').title = 'Gateway console';
    const pane = new apputils.MainAreaWidget({ content });
    pane.id = 'labgateway-console';
    return pane;
  }

  function tour(app, { palette, apputils, coreutils, Widget }) {
    app.commands.addCommand(TOUR, {
      label: 'Tour of the lab',
      execute: () => walk(app, apputils, Widget)
    });
    palette?.addItem({ command: TOUR, category: 'Gateway' });
    const asked = coreutils.PageConfig.getOption('workspace') === WORKSPACE;
    if (!asked || localStorage.getItem(TOUR_SEEN)) {
      return;
    }
    const seen = () => localStorage.setItem(TOUR_SEEN, 'yes');
    app.restored.then(() =>
      apputils.Notification.info('New here? A tour of the lab takes half a minute.', {
        autoClose: false,
        actions: [
          { label: 'Show me around', displayType: 'accent', callback: () => (seen(), walk(app, apputils, Widget)) },
          { label: 'No, thanks', callback: seen }
        ]
      })
    );
  }

  async function walk(app, apputils, Widget) {
    const { Dialog } = apputils;
    for (const [number, stop] of STOPS.entries()) {
      const last = number === STOPS.length - 1;
      const dialog = new Dialog({
        title: `${number + 1} of ${STOPS.length}: ${stop.title}`,
        body: new Widget({ node: paragraph(stop.said) }),
        buttons: last
          ? [Dialog.okButton({ label: 'Begin' })]
          : [Dialog.cancelButton({ label: 'End the tour' }), Dialog.okButton({ label: 'Next' })]
      });
      dialog.node.querySelector('.jp-Dialog-content').style.cssText = `position: relative; margin: ${stop.margin}`;
      dialog.node.prepend(frameAround(document.querySelector(stop.about)));
      const result = await dialog.launch();
      if (!result.button.accept) {
        break;
      }
    }
    // The button that had the focus is gone; keys are for the notebook now.
    const front = document.querySelector(NOTEBOOK);
    if (front) {
      app.shell.activateById(front.id);
    }
  }

  // What stands between backticks is code.
  function paragraph(text) {
    const made = document.createElement('p');
    made.style.cssText = 'max-width: 32em; line-height: 1.6; margin: 0';
    for (const [number, part] of text.split('`').entries()) {
      const element = document.createElement(number % 2 ? 'code' : 'span');
      element.textContent = part;
      made.append(element);
    }
    const body = document.createElement('div'); // JupyterLab puts what is right in it on lines of its own
    body.append(made);
    return body;
  }

  // Over the page, as long as the card is there; empty when the learner has closed what it is about.
  function frameAround(element) {
    const frame = document.createElement('div');
    const at = element?.getBoundingClientRect();
    if (at) {
      frame.style.cssText =
        `position: absolute; left: ${at.left}px; top: ${at.top}px; width: ${at.width}px; height: ${at.height}px;` +
        'box-sizing: border-box; border: 4px solid var(--jp-brand-color1); pointer-events: none';
    }
    return frame;
  }

  // Its kernel writes its own name and version into a notebook, and the learner, who changed
  // nothing, would find it changed: in the tab, and after the next autosave in git.
  function keepUntouched(notebooks) {
    notebooks.widgetAdded.connect((_, { context }) =>
      context.ready.then(() =>
        context.model.metadataChanged.connect((model, { key, oldValue, newValue }) => {
          if (KERNELS_OWN.includes(key) && oldValue?.name === newValue?.name && !model.dirty) {
            queueMicrotask(() => {
              model.dirty = false; // it becomes true after this signal
            });
          }
        })
      )
    );
  }

  (window._JUPYTERLAB ??= {}).labgateway = {
    init: scope => {
      shared = scope;
    },
    get: async () => {
      const found = await plugins();
      return () => ({ __esModule: true, default: found });
    }
  };
})();
