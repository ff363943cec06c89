import { createRoot } from 'react-dom/client'
import { version } from '../package.json'
import { App } from './app/App.tsx'
import { boot } from './app/boot.ts'
import { keepForOffline } from './app/offline.ts'

const { workbench, spoken } = boot(version)
const root = document.getElementById('root')
// Without this wait a Chinese page would flash in English.
void spoken.then(() => root && createRoot(root).render(<App workbench={workbench} />))
keepForOffline()
