import { serviceOf } from '@mmf/framework'
import { NotaryLogService } from './notary-log-service.ts'

export const notaryLog = serviceOf(NotaryLogService, 'notary_log')
